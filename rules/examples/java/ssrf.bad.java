import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpRequest;
import javax.servlet.http.HttpServletRequest;

class Preview {
  InputStream open(HttpServletRequest request) throws Exception {
    URL target = new URL(request.getParameter("url"));
    // secplan-expect
    return target.openStream();
  }

  HttpRequest status(HttpServletRequest request) {
    // secplan-expect
    return HttpRequest.newBuilder(URI.create("http://" + request.getParameter("host") + "/status")).build();
  }
}
