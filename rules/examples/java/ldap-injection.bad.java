import javax.naming.directory.DirContext;
import javax.naming.directory.SearchControls;
import javax.servlet.http.HttpServletRequest;

class People {
  Object find(HttpServletRequest request, DirContext context) throws Exception {
    String filter = "(uid=" + request.getParameter("uid") + ")";
    // secplan-expect
    return context.search("ou=people", filter, new SearchControls());
  }
}
