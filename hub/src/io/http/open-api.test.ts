import { describe, expect, it } from 'vitest';
import { openApiDocument } from './open-api.ts';

describe('the OpenAPI document', () => {
  it('is the one that is committed (npm run test:unit -- open-api -u writes it anew)', async () => {
    const text = `${JSON.stringify(openApiDocument(), undefined, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../../../openapi.json');
  });
});
