/** How a bundle was signed, or why it was not. */
export type SignatureState =
  | { readonly state: 'signed'; readonly by: string }
  /** Nothing was asked for. */
  | { readonly state: 'unsigned' }
  | { readonly state: 'failed'; readonly by: string; readonly why: string };
