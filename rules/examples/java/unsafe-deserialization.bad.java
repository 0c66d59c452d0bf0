import java.beans.XMLDecoder;
import java.io.InputStream;
import java.io.ObjectInputStream;

class Inbox {
  Object read(InputStream raw) throws Exception {
    ObjectInputStream stream = new ObjectInputStream(raw);
    // secplan-expect
    return stream.readObject();
  }

  Object settings(InputStream raw) {
    // secplan-expect
    XMLDecoder decoder = new XMLDecoder(raw);
    return decoder.readObject();
  }
}
