import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

class Login {
  void done(HttpServletRequest request, HttpServletResponse response) throws Exception {
    String term = URLEncoder.encode(request.getParameter("q"), StandardCharsets.UTF_8);
    response.sendRedirect("/search?q=" + term);
  }
}
