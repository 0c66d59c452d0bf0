import java.util.Random;

class Enrol {
  private final Random random = new Random();

  String invite() {
    // secplan-expect
    long token = random.nextLong();
    // secplan-expect
    int otp = (int) (Math.random() * 1000000);
    return token + "-" + otp;
  }
}
