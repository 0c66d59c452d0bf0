import java.io.File;
import org.owasp.dependencycheck.Engine;
import org.owasp.dependencycheck.exception.ExceptionCollection;
import org.owasp.dependencycheck.utils.Settings;
import org.owasp.dependencycheck.utils.Settings.KEYS;

/**
 * OWASP Dependency-Check's engine without its command line, which no package registry has.
 * `update DATA` fetches its data. `check DATA OUT FOLDER EXPERIMENTAL` writes a JSON report and asks no server.
 * Exits with 0; with 13 where it lacks data or failed, 14 where a report cannot be written or is not of the whole.
 */
public class Check {
    /** What would ask a service, or start another program on the scanned tree. */
    private static final String[] OFF = {
        KEYS.UPDATE_VERSION_CHECK_ENABLED, KEYS.HOSTED_SUPPRESSIONS_ENABLED, KEYS.ANALYZER_OSSINDEX_ENABLED,
        KEYS.ANALYZER_CENTRAL_ENABLED, KEYS.ANALYZER_NODE_AUDIT_ENABLED, KEYS.ANALYZER_YARN_AUDIT_ENABLED,
        KEYS.ANALYZER_PNPM_AUDIT_ENABLED, KEYS.ANALYZER_RETIREJS_ENABLED, KEYS.ANALYZER_BUNDLE_AUDIT_ENABLED,
        KEYS.ANALYZER_MIX_AUDIT_ENABLED, KEYS.ANALYZER_ASSEMBLY_ENABLED,
    };

    public static void main(String[] args) {
        boolean update = args[0].equals("update");
        if (args.length != (update ? 2 : 5)) {
            System.out.println("[ERROR] it takes no further arguments");
            System.exit(2);
        }
        Settings settings = new Settings();
        settings.setString(KEYS.DATA_DIRECTORY, args[1]);
        settings.setString(KEYS.TEMP_DIRECTORY, System.getProperty("java.io.tmpdir"));
        settings.setBoolean(KEYS.AUTO_UPDATE, update);
        for (String key : OFF) settings.setBoolean(key, false);
        // The engine chooses its analyzers as soon as it is made.
        settings.setBoolean(KEYS.ANALYZER_EXPERIMENTAL_ENABLED, !update && Boolean.parseBoolean(args[4]));
        int code = 0;
        try (Engine engine = new Engine(settings)) {
            if (update) engine.doUpdates();
            else code = check(engine, new File(args[2]), args[3]);
        } catch (Throwable failure) {
            System.out.println("[ERROR] " + failure);
            code = 13;
        } finally {
            settings.cleanup();
        }
        System.exit(code);
    }

    private static int check(Engine engine, File out, String folder) throws Exception {
        engine.scan(folder);
        ExceptionCollection failures = null;
        try {
            engine.analyzeDependencies();
        } catch (ExceptionCollection some) {
            if (some.isFatal()) throw some;
            failures = some;
        }
        engine.writeReports("source", out, "JSON", failures);
        if (failures == null) return 0;
        for (Throwable failure : failures.getExceptions()) System.out.println("[ERROR] " + failure);
        return 14;
    }
}
