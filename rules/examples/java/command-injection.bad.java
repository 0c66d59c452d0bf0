import javax.servlet.http.HttpServletRequest;

class Ping {
  Process ping(HttpServletRequest request) throws Exception {
    String host = request.getParameter("host");
    // secplan-expect
    Runtime.getRuntime().exec("ping -c 1 " + host);
    // secplan-expect
    return new ProcessBuilder("sh", "-c", "nslookup " + host).start();
  }
}
