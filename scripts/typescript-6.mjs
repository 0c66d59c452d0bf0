// dependency-cruiser reads TypeScript through the compiler's old interface, which TypeScript 7 does not have:
// `node --import ./scripts/typescript-6.mjs` gives it TypeScript 6 under the name it asks for.
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    const own = specifier.replace(/^typescript(?=$|\/)/, 'typescript-6');
    return next(own, context);
  },
});
