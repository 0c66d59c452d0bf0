import javax.crypto.Cipher;

class Vault {
  Cipher cipher() throws Exception {
    return Cipher.getInstance("AES/GCM/NoPadding");
  }

  Cipher wrap() throws Exception {
    return Cipher.getInstance("RSA/ECB/OAEPWithSHA-256AndMGF1Padding");
  }
}
