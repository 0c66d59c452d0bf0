/** The member of `tools` whose entries are stages of the user's own, and the definition that stands behind each of them. */
export const CUSTOM_TOOLS = 'custom';
