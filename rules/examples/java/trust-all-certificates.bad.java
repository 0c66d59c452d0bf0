import java.security.cert.X509Certificate;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.X509TrustManager;

class Blind implements X509TrustManager {
  public void checkClientTrusted(X509Certificate[] chain, String type) {
    throw new UnsupportedOperationException();
  }

  // secplan-expect
  public void checkServerTrusted(X509Certificate[] chain, String type) {}

  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }

  void open(HttpsURLConnection connection) {
    // secplan-expect
    connection.setHostnameVerifier((host, session) -> true);
  }
}
