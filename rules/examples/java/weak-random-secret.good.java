import java.security.SecureRandom;
import java.util.Random;

class Enrol {
  private final SecureRandom secure = new SecureRandom();

  String invite() {
    long token = secure.nextLong();
    int delay = new Random().nextInt(10);
    return token + "-" + delay;
  }
}
