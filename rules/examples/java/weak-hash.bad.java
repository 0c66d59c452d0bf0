import java.security.MessageDigest;
import org.apache.commons.codec.digest.DigestUtils;

class Digests {
  String sum(byte[] data) throws Exception {
    // secplan-expect
    MessageDigest digest = MessageDigest.getInstance("SHA-1");
    // secplan-expect
    return digest.digest(data).length + DigestUtils.md5Hex(data);
  }
}
