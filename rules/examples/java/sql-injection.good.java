import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import javax.servlet.http.HttpServletRequest;

class Users {
  ResultSet find(HttpServletRequest request, Connection connection) throws Exception {
    PreparedStatement statement = connection.prepareStatement("SELECT id FROM users WHERE name = ?");
    statement.setString(1, request.getParameter("name"));
    return statement.executeQuery();
  }

  ResultSet page(HttpServletRequest request, Connection connection) throws Exception {
    int limit = Integer.parseInt(request.getParameter("limit"));
    return connection.createStatement().executeQuery("SELECT id FROM users LIMIT " + limit);
  }
}
