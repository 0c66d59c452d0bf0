import org.springframework.security.config.annotation.web.builders.HttpSecurity;

class Security {
  void current(HttpSecurity http) throws Exception {
    http.csrf(c -> c.ignoringRequestMatchers("/api/**"));
  }
}
