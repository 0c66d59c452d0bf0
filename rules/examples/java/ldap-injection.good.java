import javax.naming.directory.DirContext;
import javax.naming.directory.SearchControls;
import javax.servlet.http.HttpServletRequest;

class People {
  Object find(HttpServletRequest request, DirContext context) throws Exception {
    Object[] values = {request.getParameter("uid")};
    return context.search("ou=people", "(uid={0})", values, new SearchControls());
  }
}
