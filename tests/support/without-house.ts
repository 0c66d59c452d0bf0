import { runProgram } from '../../src/io/run-program.ts';
import type { InHouse } from '../../src/toolchain/house/in-house.ts';

/** Installers as processes of this machine, for scripted ones: those write down in other folders what they were asked. */
export const withoutHouse: InHouse = (_, work) => work(runProgram, undefined);
