/** Small conditional key-value stores on JetStream, in the layout of NATS key-value buckets (`nats kv get` reads them). */
export { BucketError, type BucketOptions, bucketNames, openBucket } from './bucket.ts';
