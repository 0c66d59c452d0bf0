export function greet(target) {
  const name = decodeURIComponent(location.hash.slice(1));
  // secplan-expect
  target.innerHTML = 'Hello ' + name;
  const params = new URLSearchParams(window.location.search);
  // secplan-expect
  document.write(params.get('banner'));
}
