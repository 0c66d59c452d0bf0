export function afterLogin(req, res) {
  const next = req.query.next || '/';
  // secplan-expect
  res.redirect(next);
}

export function moved(req, res) {
  // secplan-expect
  res.redirect(301, req.body.target);
}
