const targets = { home: '/', account: '/account' };

export function afterLogin(req, res) {
  res.redirect('/search?q=' + encodeURIComponent(req.query.q));
  res.redirect(targets.home);
}
