export { scanOptions } from './api/scan-options.ts';
