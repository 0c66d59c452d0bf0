export function show(element, parcel) {
  element.innerHTML = '<b>' + location.hash.slice(1) + '</b>';
  element.append(parcel.name);
}

export function note() {
  document.write(document.referrer);
}
