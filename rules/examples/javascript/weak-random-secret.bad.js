export function makeToken() {
  // secplan-expect
  return Math.random().toString(36).slice(2);
}

export function invite(user) {
  // secplan-expect
  const password = 'x' + Math.random().toString(36);
  // secplan-expect
  user.resetCode = Math.floor(Math.random() * 1000000);
  return password;
}
