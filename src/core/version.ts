declare const __SECPLAN_VERSION__: string | undefined;

/** secplan's own version; set when the bundle is built, `0.0.0-source` when it runs from source. */
export const VERSION: string = typeof __SECPLAN_VERSION__ === 'string' ? __SECPLAN_VERSION__ : '0.0.0-source';
