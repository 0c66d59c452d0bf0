import DOMPurify from 'dompurify';

export function greet(target) {
  target.textContent = 'Hello ' + decodeURIComponent(location.hash.slice(1));
  target.innerHTML = DOMPurify.sanitize(location.hash);
}
