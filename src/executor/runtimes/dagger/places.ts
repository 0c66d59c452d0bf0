/** No user of any image's: a tool owns its input, its outputs and its scratch folder, and nothing else. */
export const OWNER = '1000:1000';
/** Where the supervisor keeps a step's streams. */
export const STREAMS = '/secplan';
/** Cache volume in which markers end running steps. */
export const CANCEL = '/secplan-cancel';
/** Where an image of the tool's own stands in a container of the base image, whose programs hold it in. */
export const ROOT = '/secplan-root';
/** The filter of system calls, in hexadecimal digits. */
export const FILTER = `${STREAMS}/filter`;
