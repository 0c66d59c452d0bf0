import java.security.MessageDigest;
import org.apache.commons.codec.digest.DigestUtils;

class Digests {
  String sum(byte[] data) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    return digest.digest(data).length + DigestUtils.sha512Hex(data);
  }
}
