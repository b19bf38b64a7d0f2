export declare function floorsOf(rules: readonly { readonly name?: string; readonly to?: object }[]): string[][];
export declare function floorsSvg(floors: readonly (readonly string[])[]): string;
