import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.servlet.http.HttpServletRequest;

class Download {
  byte[] read(HttpServletRequest request) throws Exception {
    Path wanted = Path.of("/srv/reports").resolve(request.getParameter("file"));
    // secplan-expect
    return Files.readAllBytes(wanted);
  }

  File note(HttpServletRequest request) {
    // secplan-expect
    return new File("/srv/notes", request.getParameter("id"));
  }
}
