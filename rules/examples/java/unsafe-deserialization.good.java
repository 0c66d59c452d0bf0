import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;

class Inbox {
  Object read(InputStream raw) throws Exception {
    ObjectInputStream stream = new ObjectInputStream(raw);
    stream.setObjectInputFilter(ObjectInputFilter.Config.createFilter("org.example.Message;!*"));
    return stream.readObject();
  }
}
