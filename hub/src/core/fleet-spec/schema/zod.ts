/** The one place where the schema library enters the core; `z.output` of the schemas are the documents as written. */
export { z } from 'zod';
