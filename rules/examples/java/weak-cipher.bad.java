import javax.crypto.Cipher;

class Vault {
  Cipher[] ciphers() throws Exception {
    // secplan-expect
    Cipher first = Cipher.getInstance("AES/ECB/PKCS5Padding");
    // secplan-expect
    Cipher second = Cipher.getInstance("AES");
    // secplan-expect
    Cipher third = Cipher.getInstance("DESede/CBC/PKCS5Padding");
    return new Cipher[] {first, second, third};
  }
}
