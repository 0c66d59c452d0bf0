export function show(element, parcel) {
  element.innerHTML = '<b>' + parcel.name + '</b>';
  document.write(parcel.note);
}

export function compute(expression) {
  return new Function('return ' + expression)();
}
