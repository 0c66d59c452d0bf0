import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.servlet.http.HttpServletRequest;
import org.apache.commons.io.FilenameUtils;

class Download {
  private static final Path BASE = Path.of("/srv/reports");

  byte[] read(HttpServletRequest request) throws Exception {
    Path wanted = BASE.resolve(request.getParameter("file")).normalize();
    if (!wanted.startsWith(BASE)) {
      throw new SecurityException("outside of the reports folder");
    }
    return Files.readAllBytes(wanted);
  }

  File note(HttpServletRequest request) {
    return new File("/srv/notes", FilenameUtils.getName(request.getParameter("id")));
  }
}
