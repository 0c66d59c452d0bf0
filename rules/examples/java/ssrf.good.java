import java.io.InputStream;
import java.net.URL;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import javax.servlet.http.HttpServletRequest;

class Preview {
  InputStream open(HttpServletRequest request) throws Exception {
    String term = URLEncoder.encode(request.getParameter("q"), StandardCharsets.UTF_8);
    return new URL("https://news.example.org/search?q=" + term).openStream();
  }
}
