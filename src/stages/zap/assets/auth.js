// biome-ignore-all lint: ZAP calls these functions by name; its engine runs old scripts, too
// An HTTP sender script of ZAP: puts the target's credential on every request to the target. Its value is nowhere but in
// the environment.
var System = Java.type('java.lang.System');
var Base64 = Java.type('java.util.Base64');
var JavaString = Java.type('java.lang.String');

function credential() {
  var kind = System.getenv('SECPLAN_AUTH_TYPE');
  var secret = System.getenv(System.getenv('SECPLAN_AUTH_SECRET')).trim();
  if (kind == 'bearer') return 'Bearer ' + secret;
  if (kind != 'basic') return secret;
  var pair = new JavaString((System.getenv('SECPLAN_AUTH_USERNAME') || '') + ':' + secret);
  return 'Basic ' + Base64.getEncoder().encodeToString(pair.getBytes('UTF-8'));
}

function sendingRequest(msg, initiator, helper) {
  var base = System.getenv('SECPLAN_URL');
  var uri = String(msg.getRequestHeader().getURI().toString());
  if (uri == base || uri.indexOf(base + '/') == 0 || uri.indexOf(base + '?') == 0)
    msg.getRequestHeader().setHeader(System.getenv('SECPLAN_AUTH_HEADER'), credential());
}

function responseReceived(msg, initiator, helper) {}
