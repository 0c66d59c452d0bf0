import javax.servlet.http.HttpServletRequest;

class Ping {
  Process ping(HttpServletRequest request) throws Exception {
    return new ProcessBuilder("ping", "-c", "1", "--", request.getParameter("host")).start();
  }
}
