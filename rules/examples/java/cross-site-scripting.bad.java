import java.io.PrintWriter;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

class Search {
  void show(HttpServletRequest request, HttpServletResponse response) throws Exception {
    String term = request.getParameter("q");
    // secplan-expect
    response.getWriter().println("<p>Nothing found for " + term + "</p>");
    PrintWriter out = response.getWriter();
    // secplan-expect
    out.printf("<i>%s %s</i>", request.getHeader("Referer"), term);
  }
}
