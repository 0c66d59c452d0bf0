import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.X509TrustManager;

class Pinned implements X509TrustManager {
  private X509TrustManager rest;

  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    rest.checkClientTrusted(chain, type);
  }

  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    rest.checkServerTrusted(chain, type);
  }

  public X509Certificate[] getAcceptedIssuers() {
    return rest.getAcceptedIssuers();
  }
}
