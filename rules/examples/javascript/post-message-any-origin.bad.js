export function share(frame, profile) {
  // secplan-expect
  frame.contentWindow.postMessage({ profile }, '*');
}
