/** The one place where the schema library enters the API. */
export { z } from 'zod';
