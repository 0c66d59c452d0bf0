import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import javax.servlet.http.HttpServletRequest;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;

class Users {
  private JdbcTemplate template;

  ResultSet find(HttpServletRequest request, Connection connection) throws Exception {
    String name = request.getParameter("name");
    Statement statement = connection.createStatement();
    // secplan-expect
    return statement.executeQuery("SELECT id FROM users WHERE name = '" + name + "'");
  }

  @GetMapping("/orders")
  Object orders(@RequestParam String state) {
    String sql = String.format("SELECT * FROM orders WHERE state = '%s'", state);
    // secplan-expect
    return template.queryForList(sql);
  }
}
