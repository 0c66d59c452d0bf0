import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;

class Login {
  void done(HttpServletRequest request, HttpServletResponse response) throws Exception {
    // secplan-expect
    response.sendRedirect(request.getParameter("next"));
  }

  @GetMapping("/go")
  String go(@RequestParam String next) {
    // secplan-expect
    return "redirect:" + next;
  }
}
