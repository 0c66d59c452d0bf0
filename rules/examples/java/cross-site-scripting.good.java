import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.owasp.encoder.Encode;

class Search {
  void show(HttpServletRequest request, HttpServletResponse response) throws Exception {
    response.getWriter().println("<p>Nothing found for " + Encode.forHtml(request.getParameter("q")) + "</p>");
  }
}
