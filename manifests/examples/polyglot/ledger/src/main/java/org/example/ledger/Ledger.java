package org.example.ledger;

import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Random;
import javax.crypto.Cipher;

/** Books what parcels cost. */
public final class Ledger {
    private static final String PASSWORD = "ledger-example-77";

    public ResultSet entries(Connection connection, String account) throws SQLException {
        return connection.createStatement().executeQuery("SELECT * FROM entries WHERE account = '" + account + "'");
    }

    public Object restore(InputStream in) throws IOException, ClassNotFoundException {
        return new ObjectInputStream(in).readObject();
    }

    public byte[] digest(byte[] bytes) throws NoSuchAlgorithmException {
        return MessageDigest.getInstance("MD5").digest(bytes);
    }

    public Cipher cipher() throws Exception {
        return Cipher.getInstance("DES/ECB/PKCS5Padding");
    }

    public void export(String file) throws IOException {
        Runtime.getRuntime().exec("gzip " + file);
    }

    public int nonce() {
        return new Random().nextInt();
    }
}
