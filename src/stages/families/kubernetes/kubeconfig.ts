import type { Step } from '../../contract/command.ts';
import type { CommandTarget } from '../../contract/target.ts';

/** The context of a target that is a cluster; undefined for one that is manifests. */
export function contextOf(target: CommandTarget): string | undefined {
  const { context } = target.details;
  return typeof context === 'string' ? context : undefined;
}

/** Where `kubeconfigStep` leaves the file. */
export const KUBECONFIG = { at: 'tmp', sub: 'kubeconfig' } as const;

/**
 * Writes the declared secret KUBECONFIG, the content of such a file, to where a program can be pointed to. Without the
 * secret the stage ends here: a scanner that finds no cluster may wait for one for minutes.
 */
export function kubeconfigStep(): Step {
  const program =
    'BEGIN { text = ENVIRON["KUBECONFIG"]; if (text == "") { ' +
    'print "no kubeconfig: declare the secret KUBECONFIG and name it in the secrets of the tool" > "/dev/stderr"; ' +
    'exit 3 } printf "%s", text > ARGV[1] }';
  return { id: 'kubeconfig', argv: ['awk', program, KUBECONFIG], system: true, exits: { '0': 'ok' } };
}
