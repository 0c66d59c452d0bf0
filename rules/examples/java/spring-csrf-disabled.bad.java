import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;

class Security {
  void old(HttpSecurity http) throws Exception {
    // secplan-expect
    http.csrf().disable();
  }

  void current(HttpSecurity http) throws Exception {
    // secplan-expect
    http.csrf(AbstractHttpConfigurer::disable);
  }

  void lambda(HttpSecurity http) throws Exception {
    // secplan-expect
    http.csrf(c -> c.disable());
  }
}
